# Read by every interactive bash, which its name tells here: bash itself, and not ENV.
. /etc/shrc
