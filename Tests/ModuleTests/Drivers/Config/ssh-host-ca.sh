[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
. ./lines
ssh-keygen -q -t ed25519 -N '' -f user
cp user.pub authorized_keys
ssh_server 'HostKey /etc/ssh/ssh_host_ed25519_key' 'HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub'
echo "@cert-authority * $(cat ~/.ssh/card-ca.pub)" >known_hosts
ssh_login -F none -o StrictHostKeyChecking=yes -o HostKeyAlias="$(uname -n)" -i user
