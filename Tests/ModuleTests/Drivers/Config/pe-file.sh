# Writes a program of Windows' or UEFI's format with one empty section: `pe_file FILE`.
pe_file() {
    python3 - "$1" <<'END'
import struct, sys
dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22)
optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 512, 0, 0, 4096, 4096)
optional += struct.pack("<QIIHHHHHHIIIIHH", 0x140000000, 4096, 512, 6, 0, 0, 0, 6, 0, 0, 8192, 512, 0, 10, 0)
optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + bytes(128)
section = b".text\0\0\0" + struct.pack("<IIIIIIHHI", 1, 4096, 512, 512, 0, 0, 0, 0, 0x60000020)
head = dos + coff + optional + section
open(sys.argv[1], "wb").write(head + bytes(512 - len(head)) + b"\xC3" + bytes(511))
END
}
