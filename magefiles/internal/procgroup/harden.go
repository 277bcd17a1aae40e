package procgroup

import (
	"fmt"
	"os"
	"strings"
)

// Harden takes credentials away from whatever else runs as the same user, and returns the environment as it was, in the form
// of os.Environ. The variables for which credential reports true leave this process: children of libraries do not inherit them,
// and on Linux /proc does not show them any more, nor this process's memory to what is not root. It is meant for the start of
// a process: what has read them before keeps them, and so does the process that started this one.
func Harden(credential func(name string) bool) ([]string, error) {
	environ := os.Environ() //nolint:forbidigo // it is taken away here, and handed to package vars
	var hidden []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !credential(name) {
			continue
		}
		hidden = append(hidden, pair)
		if err := os.Unsetenv(name); err != nil {
			return environ, fmt.Errorf("taking %s out of the environment: %w", name, err)
		}
	}
	return environ, conceal(hidden)
}
