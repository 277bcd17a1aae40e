package cli

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Arguments are flags as a person would type them. How a command shows and prints is left out of them. A flag that was not given adds
// nothing.
type Arguments []string

// Text adds a flag with a text.
func (a Arguments) Text(flag, value string) Arguments {
	if value == "" {
		return a
	}
	return append(a, "-"+flag+"="+quoteWord(value))
}

// Texts adds a flag with several texts.
func (a Arguments) Texts(flag string, values []string, separator string) Arguments {
	return a.Text(flag, strings.Join(values, separator))
}

// Only adds the flag that chooses components.
func (a Arguments) Only(names []component.Name) Arguments {
	return a.Text("only", component.Join(names, ","))
}

// Number adds a flag with a number.
func (a Arguments) Number(flag string, n int) Arguments {
	if n == 0 {
		return a
	}
	return a.Text(flag, fmt.Sprint(n))
}

// Bool adds a flag that is on.
func (a Arguments) Bool(flag string, on bool) Arguments {
	if !on {
		return a
	}
	return append(a, "-"+flag)
}

// Duration adds a flag with a time.
func (a Arguments) Duration(flag string, d time.Duration) Arguments {
	if d == 0 {
		return a
	}
	return a.Text(flag, d.Round(time.Millisecond).String())
}

// CommandLine returns what to type for a command in an environment, quoted for a shell.
func CommandLine(command report.Command, environment string, arguments Arguments) string {
	words := append([]string{"mage", string(command)}, Arguments(nil).Text("env", environment)...)
	return strings.Join(append(words, arguments...), " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

// quoteWord makes one word of a POSIX shell of a text.
func quoteWord(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
