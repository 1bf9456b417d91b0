martlet export-ssh 9a >authorized_keys
ssh_server "HostKey $HOME/host_key"
. ./lines >key
martlet export-ssh 9a | cut -d ' ' -f 2 | base64 --decode | xxd -p | tr -d '\n' >expected
grep --quiet "$(cat expected)" key
cat >>card-asyncssh.py <<'END'
import asyncio, getpass

async def login():
    options = dict(known_hosts=None, username=getpass.getuser(), client_keys=keys)
    async with asyncssh.connect("127.0.0.1", 2222, **options) as connection:
        assert (await connection.run("echo proven")).stdout == "proven\n"

asyncio.run(login())
END
python3 card-asyncssh.py
