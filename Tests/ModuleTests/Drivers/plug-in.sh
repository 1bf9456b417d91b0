# plug-in.sh RULES DESCRIPTORS: asks udevadm what it would do if a USB device with these descriptors were plugged in,
# on a machine that has the system's basic rules and the rules file RULES.
#
# Runs as root of a mount namespace of its own: the /sys with the device in it, /dev and /run are private there.
set -eu
rules=$1
descriptors=$2

mount -t tmpfs tmpfs /run
mkdir /run/udev /run/dev /run/rules
cp "$rules" /usr/lib/udev/rules.d/50-udev-default.rules /usr/lib/udev/rules.d/73-seat-late.rules /run/rules
mount -t tmpfs tmpfs /etc/udev
mount --bind /run/rules /usr/lib/udev/rules.d
mount --rbind /dev /run/dev
mount -t tmpfs tmpfs /dev
touch /dev/null
mount --bind /run/dev/null /dev/null

mount -t tmpfs tmpfs /sys
device=/sys/devices/pci0/usb1/1-1
mkdir -p "$device" /sys/bus/usb/devices
ln -s ../../../devices/pci0/usb1/1-1 /sys/bus/usb/devices/1-1
ln -s ../../../../bus/usb "$device/subsystem"
cp "$descriptors" "$device/descriptors"
echo 189:1 >"$device/dev"
echo 1050 >"$device/idVendor"
echo 0407 >"$device/idProduct"
printf '%s\n' MAJOR=189 MINOR=1 DEVNAME=bus/usb/001/002 DEVTYPE=usb_device BUSNUM=001 DEVNUM=002 >"$device/uevent"

# udevadm otherwise refuses a /sys that the kernel has not made.
SYSTEMD_DEVICE_VERIFY_SYSFS=0 udevadm test --action=add "$device" 2>&1
