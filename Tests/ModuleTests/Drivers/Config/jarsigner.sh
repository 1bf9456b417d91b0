echo text >file
jar --create --file app.jar file
. ./lines
jarsigner -verify app.jar | grep --quiet 'jar verified'
