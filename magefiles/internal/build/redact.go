package build

import (
	"bytes"
	"slices"
	"strings"

	"github.com/moby/buildkit/client"
)

// redactedLength is the shortest secret that is masked: masking shorter ones would garble the output and tell as much.
const redactedLength = 4

// redactor masks secret values in what a daemon reports, before it reaches a display, a log or an error.
type redactor struct{ values [][]byte }

func newRedactor(all ...secrets) redactor {
	var r redactor
	for _, s := range all {
		for _, value := range s {
			for line := range bytes.Lines(value) { // a step prints a multi-line secret in pieces
				if line = bytes.TrimSpace(line); len(line) >= redactedLength {
					r.values = append(r.values, line)
				}
			}
		}
	}
	// The longest first, as one secret may contain another.
	slices.SortFunc(r.values, func(a, b []byte) int { return len(b) - len(a) })
	return r
}

func (r redactor) text(s string) string {
	for _, v := range r.values {
		s = strings.ReplaceAll(s, string(v), "***")
	}
	return s
}

// status masks in place: the status belongs to its only reader.
func (r redactor) status(s *client.SolveStatus) {
	for _, v := range s.Vertexes {
		v.Name, v.Error = r.text(v.Name), r.text(v.Error)
	}
	for _, l := range s.Logs {
		for _, v := range r.values {
			l.Data = bytes.ReplaceAll(l.Data, v, []byte("***"))
		}
	}
}
