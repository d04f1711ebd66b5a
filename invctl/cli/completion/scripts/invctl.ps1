# Completion of invctl in PowerShell 5.1 or newer.
Register-ArgumentCompleter -Native -CommandName invctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
}
