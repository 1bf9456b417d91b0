"""At how many places of a process's memory a secret stands: find-secret.py PID SECRET.

Prints two numbers: in a core dump that gcore takes, and in all memory that can be read (/proc/PID/mem), each of the secret
as it is and in hexadecimal digits.
"""

import glob
import os
import subprocess
import sys
import tempfile

pid, secret = sys.argv[1], sys.argv[2].encode()
forms = [secret, secret.hex().encode(), secret.hex().upper().encode()]


def count(data):
    return sum(data.count(form) for form in forms)


def in_core():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["gcore", "-o", folder + "/core", pid], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        [file] = glob.glob(folder + "/core*")
        with open(file, "rb") as core:
            return count(core.read())


def in_memory():
    found = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if "r" not in line.split()[1] or line.rstrip().endswith(("[vvar]", "[vvar_vclock]", "[vsyscall]")):
                continue
            try:
                memory.seek(start)
                found += count(memory.read(end - start))
            except OSError:
                pass
    return found


print(in_core(), in_memory())
