. ./lines >key
martlet export-ssh 9a | cut -d ' ' -f 2 | base64 --decode | xxd -p | tr -d '\n' >expected
grep --quiet "$(cat expected)" key
