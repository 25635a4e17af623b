#!/bin/sh
# Installs Chromium and Chinese fonts through the system's packages where a browser is missing.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
for app in "/Applications/Google Chrome.app" "/Applications/Chromium.app"; do
    [ -d "$app" ] && exit 0
done
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
if command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium and Chinese fonts (once) …"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
elif command -v brew >/dev/null 2>&1; then
    brew install --cask google-chrome
else
    echo "The browser tests need Chromium: install it with the system's package manager, then run make test again." >&2
    exit 1
fi
