. ./lines
export GIT_AUTHOR_NAME=Jane GIT_AUTHOR_EMAIL=jane@example.org GIT_COMMITTER_NAME=Jane GIT_COMMITTER_EMAIL=jane@example.org
git init --quiet work
cd work
for number in 1 2; do
    echo $number >file
    git add file
    git commit --quiet --message "commit $number"
    git verify-commit HEAD
done
git tag --message tag v1
git verify-tag v1
