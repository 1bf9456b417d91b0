. ./lines
echo "cert-authority $(cat ~/.ssh/card-ca.pub)" >authorized_keys
ssh_server "HostKey $HOME/host_key"
ssh_login -F none -o StrictHostKeyChecking=no -i ~/.ssh/id_ed25519
