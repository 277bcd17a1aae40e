package console_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestDoctorIsReadInNarrowTerminals(t *testing.T) {
	var b bytes.Buffer
	console.New(&b, console.Options{Width: 50}).Doctor(sample.Doctor())
	want := `astrago-ci 0.1.0, backend in stage

machine
  ok    go     go1.26.0
  warn  clock  1m30s behind ghcr.io
               → set the clock: timedatectl
                 set-ntp true

registry ghcr.io/acme/backend
  fail  push   ghcr.io answered 403, access
               denied, with the credentials from
               GHCR_TOKEN ␛[31m안녕
               → in a workflow: ` + "`permissions: {" + `
                 packages: write }` + "`" + ` on the job
               → or ask

registry ghcr.io/acme/batch
  skip  push

✗ 1 fail, 1 warn, 1 ok, 1 skipped
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDoctorHasColoursOnATerminalOnly(t *testing.T) {
	for _, color := range []bool{true, false} {
		var b bytes.Buffer
		console.New(&b, console.Options{Color: color}).Doctor(sample.Doctor())
		for _, code := range []string{"\x1b[32mok", "\x1b[33mwarn", "\x1b[31mfail", "\x1b[2mskip"} {
			if strings.Contains(b.String(), code) != color {
				t.Errorf("color %t: %q", color, b.String())
			}
		}
	}
}
