#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# accel-config 3.5.3 (Debian 12) and IAA devices: what save-config wrote, load-config refuses. The
# queues of an IAA device have no max_batch_size; it is saved as -2 and cannot be written back. Without
# those lines the file loads. op_config, which says what operations a queue's users may ask for, is not
# saved. With no device enabled "[" and "]" are saved, and that is refused, too. Runs on plain files
# in place of /sys, in a mount namespace (unshare -rm). Nothing of this project runs here.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -q download {accel-config,libaccel-config1}=3.5.3-1 libjson-c5 > log 2>&1 || { cat log; exit 1; }
for package in *.deb; do dpkg -x "$package" files; done
LD_LIBRARY_PATH=$(dirname files/usr/lib/*/libaccel-config.so.1)
export LD_LIBRARY_PATH=$folder/$LD_LIBRARY_PATH

iax1=sys/bus/dsa/devices/iax1
mkdir -p sys/module/idxd sys/bus/dsa/drivers/user $iax1/{engine1.0,group1.0,wq1.0}
for pair in \
  cdev_major=238 clients=0 cmd_status=0x0 configurable=1 errors=0,0,0,0 gen_cap=0x71f10981f0105 \
  max_engines=1 max_groups=1 max_transfer_size=2147483648 max_work_queues=1 max_work_queues_size=128 \
  numa_node=0 op_cap=0,0,0,0,0,007f331c,0,d pasid_enabled=1 state=enabled version=0x100 \
  engine1.0/group_id=0 group1.0/engines=engine1.0 group1.0/traffic_class_a=1 \
  group1.0/traffic_class_b=1 group1.0/work_queues=wq1.0 wq1.0/ats_disable=0 wq1.0/block_on_fault=1 \
  wq1.0/cdev_minor=0 wq1.0/clients=0 wq1.0/driver_name=user wq1.0/group_id=0 \
  wq1.0/max_transfer_size=2097152 wq1.0/mode=shared wq1.0/name=app \
  wq1.0/op_config=0,0,0,0,0,00003000,0,0 wq1.0/priority=10 wq1.0/size=64 wq1.0/state=enabled \
  wq1.0/threshold=32 wq1.0/type=user
do
  echo "${pair#*=}" > "$iax1/${pair%%=*}"
done

accel_config() {
  unshare -rm sh -c 'for part in bus module; do mount --bind "sys/$part" "/sys/$part"; done; "$@"' sh \
    files/usr/bin/accel-config "$@"
}
load() { if accel_config load-config -c "$1" > output 2> error; then echo loaded; else tail -n 1 error; fi; }
seen=$(
  accel_config save-config -s enabled.conf
  echo disabled | tee $iax1/state $iax1/wq1.0/state > none
  accel_config save-config -s disabled.conf
  grep -E 'batch|op_config' enabled.conf
  echo "enabled: $(load enabled.conf)"
  sed /max_batch_size/d enabled.conf > edited.conf
  echo "edited: $(load edited.conf)"
  echo "disabled, $(tr '\n' ' ' < disabled.conf): $(load disabled.conf)"
)
echo "$seen"
[ "$seen" = '            "max_batch_size":-2,
enabled: Parse json and set device fail: -1
edited: loaded
disabled, [ ] : Parse json and set device fail: -1' ]
