martlet export-ssh >authorized_keys
ssh_server "HostKey $HOME/host_key"
# ssh itself knows the home of the user's entry alone.
ssh_login -F lines -o StrictHostKeyChecking=no
