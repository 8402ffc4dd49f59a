// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// What the server has to say.

/// A page that reads the list and the events, and writes what it saw. It counts as loaded only after a
/// pause, so that who looks at a loaded page sees the events, too.
let page = """
  <!DOCTYPE html>
  <html lang="en">
  <meta charset="utf-8">
  <title>gzip by FixedDeflate</title>
  <h1>gzip by FixedDeflate</h1>
  <p id="items">items: not yet</p>
  <ul id="events"></ul>
  <p id="lead">lead: not yet</p>
  <img src="/pause" alt="">
  <table>
  \((1...200).map { "<tr><td>row \($0)</td><td>\($0 * $0)</td></tr>" }.joined(separator: "\n"))
  </table>
  <script>
  fetch("/items.json").then(answer => answer.json()).then(items => {
    const sum = items.reduce((sum, item) => sum + item.square, 0)
    document.getElementById("items").textContent = `items: ${items.length}, sum of squares ${sum}`
  })
  const events = new EventSource("/events")
  let first = 0
  events.onmessage = event => {
    if (first == 0) first = performance.now()
    const line = document.createElement("li")
    line.textContent = event.data
    document.getElementById("events").append(line)
    if (event.data.startsWith("last")) {
      events.close()
      const lead = Math.round(performance.now() - first)
      document.getElementById("lead").textContent =
        `lead: the first event came ${lead >= 500 ? "well before" : "with"} the last`
    }
  }
  </script>
  </html>

  """

/// A list as JSON, some megabytes.
func items(count: Int) -> String {
  let items = (0..<count).map {
    #"{"name":"item \#($0)","square":\#($0 * $0),"isEven":\#($0 % 2 == 0)}"#
  }
  return "[" + items.joined(separator: ",\n") + "]\n"
}

/// Server-sent events, a quarter of a second apart.
struct Events: AsyncSequence, Sendable {
  let count: Int

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(count: count) }

  struct AsyncIterator: AsyncIteratorProtocol {
    let count: Int
    private var number = 0

    init(count: Int) { self.count = count }

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
      guard number < count else { return nil }
      if number > 0 { try await Task.sleep(for: .milliseconds(250)) }
      number += 1
      let name = number == count ? "last event" : "event"
      return [UInt8]("data: \(name) \(number)\n\n".utf8)
    }
  }
}
