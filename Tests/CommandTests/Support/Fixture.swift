// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The files that the comparisons with gzip start from: one of each kind that gzip treats in its own
// way. They are made once; each run gets a copy with all times kept.

import Foundation
import Testing

/// The folder every comparison starts from.
enum Fixture {
  /// A moment after all times in the folder that matter.
  static let newest = 1_600_000_000

  static let master: Folder = {
    do {
      let folder = try Folder()
      folder.removeAtExit()
      let made = try folder.run("set -e\n" + script, .gzip)
      guard made.status == 0 else { fatalError("fixture: \(made.messages)") }
      return folder
    } catch {
      fatalError("fixture: \(error)")
    }
  }()

  /// gzip makes the good files; damage is done to them byte by byte.
  private static let script = #"""
    umask 022
    flip() { # file, offset, new byte in octal
      cp bb.gz "$1"; printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
    }
    named() { # file, stored name, time as four octal bytes
      { printf '\037\213\010\010'"$3"'\000\003'; printf "$2"'\000'; tail -c +11 hi.gz; } > "$1"
    }
    echo hello > a; seq 5000 > b; : > e; echo x > old; echo other > old.gz
    "$GZ" -nc a > aa.gz; "$GZ" -c b > bb.gz; printf 'hi\n' | "$GZ" -nc > hi.gz
    for name in t.tgz T.TAZ s-gz s-z s_z s.z s.Z s_gz plain A.GZ; do cp aa.gz "$name"; done
    cp aa.gz aa
    size=$(wc -c < bb.gz)
    cat aa.gz bb.gz > multi.gz
    { cat aa.gz; echo junk; } > junk.gz
    { cat aa.gz; head -c 700 /dev/zero; } > zeros.gz
    { cat aa.gz; printf '\0\0\0x'; } > zerojunk.gz
    { cat aa.gz; printf '\037\213\007'; } > badmember.gz
    { cat aa.gz; printf '\037'; } > halfmagic.gz
    head -c 900 bb.gz > trunc.gz; head -c 5 bb.gz > trunch.gz; head -c $((size - 3)) bb.gz > trail.gz
    echo text > text.gz; : > empty.gz; printf '\037' > one.gz; printf '\0\0\0' > nul.gz
    flip crc.gz $((size - 6)) 000; flip len.gz $((size - 2)) 001
    flip flag.gz 3 200; flip meth.gz 2 007; flip type.gz 12 377
    named n1.gz '../../etc/foo' '\000\312\232\073'; named n2.gz '' '\000\312\232\073'
    named n3.gz '..' '\000\312\232\073'; named n4.gz 'dir/' '\000\312\232\073'
    named n6.gz '.' '\000\312\232\073'; named n7.gz '/' '\000\312\232\073'
    named n9.gz 'n9.gz' '\000\312\232\073'; named n10.gz 'zero' '\000\000\000\000'
    named n11.gz 'late' '\000\000\000\200'; named n12.gz 'a' '\000\312\232\073'
    mkdir dir dir/sub empty isdir.gz
    echo x > dir/x; echo y > dir/sub/y; cp aa.gz dir/z.gz; echo h > dir/.hidden
    ln -s ../a dir/link; ln -s nowhere dang.gz; ln -s a link; ln -s aa.gz zlink.gz; ln -s dir dlink
    echo i > isdir; echo d > dang; echo n > ./-n; echo s > 'sp ace'; echo u > $'\xff\xfe'
    echo h > h1; ln h1 h2; ln h1 h3
    echo s > suid; chmod 4755 suid; echo s > sgid; chmod 2755 sgid; echo s > sticky
    chmod 1644 sticky; chmod 640 b; chmod 444 e; mkfifo fifo
    find . -type f -exec touch -d 2010-10-10T10:10:10.5 {} +
    touch -d 2001-02-03T04:05:06.789 a; touch -d 2002-02-03T04:05:06.123456789 b
    touch -d 1960-01-01 before; touch -d 2110-01-01 after
    """#
}
