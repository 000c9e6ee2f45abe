// Starts `sftspec lsp` and connects VS Code with it; all knowledge of the language is in the server.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function activate() {
  const [command, ...args] = vscode.workspace.getConfiguration("sftspec").get("command");
  const server = { command, args };
  const selector = [{ scheme: "file", language: "sftspec" }, { scheme: "untitled", language: "sftspec" }];
  client = new LanguageClient("sftspec", "sftspec", server, { documentSelector: selector });
  try {
    await client.start();
  } catch (error) {
    const help = "install it with: pip install 'sftspec[lsp]', or set sftspec.command";
    vscode.window.showErrorMessage(`sftspec: ${command} does not start (${error.message}); ${help}`);
  }
}

function deactivate() {
  return client?.isRunning() ? client.stop() : undefined;
}

module.exports = { activate, deactivate };
