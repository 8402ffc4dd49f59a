// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0
//
// The calls that the conformance suite tries, by the program they need.

extension OtherDecoder {
  static let pigz = [
    OtherDecoder(name: "pigz", program: "pigz", arguments: ["-dc"]),
    OtherDecoder(name: "pigz", program: "pigz", arguments: ["-dcz"], format: .zlib),
  ]

  static let python = [
    python("gzip.decompress", "out(gzip.decompress(d))"),
    python("gzip.decompress", "out(gzip.decompress(d))", .bgzf),
    python("GzipFile.read", "out(gzip.GzipFile(fileobj=io.BytesIO(d)).read())"),
    python("zlib.decompress with 31", "out(zlib.decompress(d, 31))"),
    python(
      "decompressobj with 31, nothing left over",
      "z = zlib.decompressobj(31)\nout(z.decompress(d))\n"
        + "assert z.eof and not z.unused_data and not z.unconsumed_tail"),
    python(
      "decompressobj with 47, 1000 bytes at a time",
      "z = zlib.decompressobj(47)\n"
        + "for i in range(0, len(d), 1000): out(z.decompress(d[i:i + 1000]))\n"
        + "assert z.eof and not z.unused_data"),
    python("zlib.decompress", "out(zlib.decompress(d))", .zlib),
    python("zlib.decompress with -12", "out(zlib.decompress(d, -12))", .raw),
  ]

  static let php = [
    php("gzdecode", "gzdecode($d)"),
    php("zlib_decode", "zlib_decode($d)"),
    php("inflate_add", "inflate_add(inflate_init(ZLIB_ENCODING_GZIP), $d, ZLIB_FINISH)"),
    php(
      "the filter zlib.inflate",
      "stream_filter_append(STDIN, 'zlib.inflate', STREAM_FILTER_READ, ['window' => 31]); "
        + "echo stream_get_contents(STDIN);"),
    php("gzuncompress", "gzuncompress($d)", .zlib),
    php("gzinflate", "gzinflate($d)", .raw),
  ]

  static let ruby = [
    ruby("Zlib.gunzip", "Zlib.gunzip(STDIN.read)"),
    ruby("GzipReader#read", "Zlib::GzipReader.new(STDIN).read"),
    ruby("GzipReader#each_line", "Zlib::GzipReader.new(STDIN).each_line.to_a.join"),
    ruby("Inflate with 47", "Zlib::Inflate.new(47).inflate(STDIN.read)"),
    ruby(
      "GzipReader.zcat", "(require 'stringio'; Zlib::GzipReader.zcat(StringIO.new(STDIN.read)))",
      .bgzf),
    ruby("Zlib.inflate", "Zlib.inflate(STDIN.read)", .zlib),
    ruby("Inflate with -12", "Zlib::Inflate.new(-12).inflate(STDIN.read)", .raw),
  ]

  static let perl = [
    perl("IO::Uncompress::Gunzip", "gunzip('-' => '-') or die $GunzipError"),
    perl(
      "IO::Uncompress::Gunzip", "gunzip('-' => '-', MultiStream => 1) or die $GunzipError", .bgzf),
    perl("IO::Uncompress::AnyInflate", "anyinflate('-' => '-') or die $AnyInflateError"),
    perl("Compress::Zlib", "undef $/; print Compress::Zlib::memGunzip(<STDIN>) // die", tags: ""),
    perl("IO::Uncompress::Inflate", "inflate('-' => '-') or die $InflateError", .zlib),
    perl("IO::Uncompress::RawInflate", "rawinflate('-' => '-') or die $RawInflateError", .raw),
  ]

  static let node = [
    node("gunzipSync", "zlib.gunzipSync(d)"),
    node("gunzipSync", "zlib.gunzipSync(d)", .bgzf),
    node("unzipSync", "zlib.unzipSync(d)"),
    node(
      "DecompressionStream",
      "new Response(new Blob([d]).stream().pipeThrough(new DecompressionStream('gzip')))"
        + ".arrayBuffer()"),
    node("inflateSync", "zlib.inflateSync(d)", .zlib),
    node("inflateRawSync", "zlib.inflateRawSync(d)", .raw),
  ]

  static let curl = client("curl", ["--compressed", "-sS", "URL"])
  static let wget = client("wget", ["--compression=auto", "-q", "-O", "-", "URL"])
  static let rubyHTTP = client(
    "ruby", ["-rnet/http", "-e", "STDOUT.binmode; STDOUT.write(Net::HTTP.get(URI('URL')))"])
  static let nodeFetch = client(
    "node",
    [
      "-e",
      "fetch('URL').then(r => r.arrayBuffer()).then(b => process.stdout.write(Buffer.from(b)))",
    ])

  /// Reads a pipe in which the data pauses: what a stream says is there is not all that comes.
  static let java = OtherDecoder(
    name: "GZIPInputStream on a pipe", program: "sh",
    arguments: ["-c", "{ head -c 3000; sleep 0.1; cat; } | java -cp \"$0\" Gunzip"])

  static let javaSource = """
    import java.io.*; import java.util.zip.*;
    class Gunzip { public static void main(String[] a) throws IOException {
      new GZIPInputStream(System.in).transferTo(System.out); System.out.flush(); } }
    """
}
