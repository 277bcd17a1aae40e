package report

import "github.com/xiilab/astrago-ci/magefiles/internal/terminal"

func columns(s string) int { return terminal.Columns(s) }

func pad(s string, n int) string { return terminal.Pad(s, n) }

func padLeft(s string, n int) string { return terminal.PadLeft(s, n) }

func clip(s string, n int) string { return terminal.Clip(s, n) }
