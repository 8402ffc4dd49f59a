#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# Netty 4.1.48 (Debian 12's libnetty-java 1:4.1.48-7): its HTTP decompressor, which takes zlib's format
# and raw DEFLATE for Content-Encoding: deflate, knows zlib's by the header of a 32 KiB window alone. A
# stream with a smaller one (CINFO in RFC 1950, 2.2; zlib's windowBits) is taken for raw data:
# DecompressionException. Told that it is zlib's, the same decoder reads it. 4.1.96 does so, too. And of
# raw data 4.1.48 can lose the end without an error, here 18 bytes of 15,000; 4.1.96 does not.
# Nothing of this project runs here. Needs Java 17's JDK and Python.
# Ends with 0 while that is so, and with 1 when it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -q download 'libnetty-java=1:4.1.48-7*' > log 2>&1 || { cat log; exit 1; }
dpkg -x libnetty-java_*.deb files
cat > Read.java <<'JAVA'
import io.netty.buffer.*;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.*;
import io.netty.handler.codec.http.*;
import java.nio.file.*;

class Read {
  static String read(EmbeddedChannel channel, Object... messages) {
    try { channel.writeInbound(messages); } catch (DecompressionException error) { return "exception"; }
    int bytes = 0;
    for (Object message; (message = channel.readInbound()) != null; ) {
      if (message instanceof HttpContent) message = ((HttpContent) message).content();
      if (message instanceof ByteBuf) bytes += ((ByteBuf) message).readableBytes();
    }
    return bytes + " bytes";
  }
  public static void main(String[] paths) throws Exception {
    for (String path : paths) {
      byte[] data = Files.readAllBytes(Path.of(path));
      HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      response.headers().set("Content-Encoding", "deflate").set("Transfer-Encoding", "chunked");
      System.out.println(path + ": ZLIB "
          + read(new EmbeddedChannel(new JdkZlibDecoder(ZlibWrapper.ZLIB)), Unpooled.wrappedBuffer(data))
          + ", HTTP " + read(new EmbeddedChannel(new HttpContentDecompressor()), response,
                new DefaultLastHttpContent(Unpooled.wrappedBuffer(data))));
    }
  }
}
JAVA
python3 -c '
import zlib
for bits in 9, 12, 14, 15, -15:
    packer = zlib.compressobj(wbits=bits)
    open(str(bits), "wb").write(packer.compress(b"a line of text\n" * 1000) + packer.flush())'
seen=$(java -cp "$(find files/usr/share/java -name 'netty-*.jar' | tr '\n' ':')" Read.java 9 12 14 15 -15 2> log) || { cat log; exit 1; }
echo "$seen"
[ "$seen" = "9: ZLIB 15000 bytes, HTTP exception
12: ZLIB 15000 bytes, HTTP exception
14: ZLIB 15000 bytes, HTTP exception
15: ZLIB 15000 bytes, HTTP 15000 bytes
-15: ZLIB exception, HTTP 14982 bytes" ]
