package escape

import (
	"crypto/rand"
	"strings"
)

// Output returns the lines that set a step's output in the file of $GITHUB_OUTPUT: name=value, or name<<delimiter for a
// value of several lines. The delimiter is random, so that no value can end its own block and set other outputs.
func Output(name, value string) string {
	if !strings.ContainsAny(value, "\r\n") {
		return name + "=" + value + "\n"
	}
	delimiter := "end_" + rand.Text()
	return name + "<<" + delimiter + "\n" + value + "\n" + delimiter + "\n"
}
