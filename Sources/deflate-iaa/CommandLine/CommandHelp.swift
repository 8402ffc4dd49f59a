// Copyright 2026 the deflate-iaa authors
// SPDX-License-Identifier: Apache-2.0

// The help of the whole command, gzip's half and the subcommands.

import DeviceCommands

/// The text of `--help`.
enum CommandHelp {
  static var text: String {
    """
    \(CommandArguments.helpMessage(columns: 80))
    SUBCOMMANDS, as the first word only:
    \(DeviceCommands.summary)
    More: 'deflate-iaa help SUBCOMMAND', deflate-iaa(1) and deflate-iaa-devices(1).

    """
  }
}
