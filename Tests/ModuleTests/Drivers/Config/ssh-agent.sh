. ./lines
echo message >message
martlet export-ssh "$KEY" >signer.pub
for time in first second; do ssh-keygen -q -Y sign -f signer.pub -n test message && rm message.sig; done
echo "SSH_AUTH_SOCK=$SSH_AUTH_SOCK; export SSH_AUTH_SOCK" >agent
