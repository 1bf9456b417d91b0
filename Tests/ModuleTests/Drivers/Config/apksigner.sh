python3 - <<'END'
import zipfile
with zipfile.ZipFile("app.apk", "w") as archive:
    archive.writestr("AndroidManifest.xml", bytes.fromhex("0300080008000000"))
END
# It asks where its standard output goes.
. ./lines >/dev/tty
apksigner verify --min-sdk-version 24 app-signed.apk
