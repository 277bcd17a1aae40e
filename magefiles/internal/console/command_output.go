package console

import (
	"io"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// commandOutput is the output of commands on its way to a console. Nothing in it acts on the terminal, or on the runner of a
// workflow, which reads whole lines: there a line waits until it has ended.
type commandOutput struct {
	to     io.Writer
	runner bool

	mu     sync.Mutex
	stream escape.Stream
	line   string // what is written of a line, for the runner
}

// Write implements io.Writer.
func (o *commandOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.writeText(o.stream.Next(string(p)), false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what waits.
func (o *commandOutput) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.writeText(o.stream.End(), true) // as the errors of a console
}

func (o *commandOutput) writeText(text string, end bool) error {
	if o.runner {
		text = o.wholeLines(text, end)
	}
	if text == "" {
		return nil
	}
	_, err := io.WriteString(o.to, text)
	return err
}

// wholeLines returns the lines that have ended; a carriage return ends one, as the runner has it.
func (o *commandOutput) wholeLines(text string, end bool) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(o.line + text)
	o.line = ""
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\n") && !end {
			o.line = line
			break
		}
		b.WriteString(escape.Runner(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return b.String()
}
