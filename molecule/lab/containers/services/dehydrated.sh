# The MX gets its certificate from the lab's CA; Debian's default site of nginx answers the challenge.
CA=https://ca.lab.test:14000/dir
CURL_OPTS="--cacert /etc/pebble/cert.pem"
ACCOUNT_KEYSIZE=2048
KEY_ALGO=prime256v1
WELLKNOWN=/var/www/html/.well-known/acme-challenge
