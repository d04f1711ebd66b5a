# Completion of invctl in PowerShell 5.1 or newer.

Register-ArgumentCompleter -Native -CommandName invctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $program = Get-Command $commandAst.GetCommandName() -CommandType Application -ErrorAction Ignore |
        Select-Object -First 1
    if (-not $program) { return '' }

    # The words before the cursor's, without their quotes; nothing in them is run.
    $words = @('__complete')
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $words += $element.Value
        } else {
            $words += $element.Extent.Text
        }
    }
    if ($wordToComplete.StartsWith("'")) {
        $words += $wordToComplete.Substring(1) -replace '''$', '' -replace '''''', ''''
    } else {
        $words += $wordToComplete -replace '^"|"$', '' -replace '`(.)', '$1'
    }

    # Before 7.3 PowerShell drops empty words and does not escape quotes in those that it passes on.
    $passing = Get-Variable PSNativeCommandArgumentPassing -ValueOnly -ErrorAction Ignore
    if ($PSVersionTable.PSVersion -lt [version]'7.3' -or $passing -eq 'Legacy') {
        $words = @($words | ForEach-Object {
            '"' + ($_ -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"'
        })
    }

    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new()
        $answer = @(& $program @words 2>$null)
    } finally {
        [Console]::OutputEncoding = $encoding
    }

    # Where a completer answers nothing at all, PowerShell completes file names; '' prevents that.
    if ($answer.Count -and $answer[-1] -eq ':0') { return }
    if ($answer.Count -lt 2) { return '' }
    foreach ($line in $answer[0..($answer.Count - 2)]) {
        $value, $about = $line -split "`t", 2
        $text = $value
        if ($value -notmatch '^[\w./:=+-]+$') {
            $text = "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($value) + "'"
        }
        if (-not $about) { $about = $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
    }
}
