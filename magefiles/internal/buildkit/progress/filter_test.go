package progress

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
)

// shownBy returns the part that a filter lets through of the given pieces of one step's output, as text.
func shownBy(f *secretFilter, pieces ...string) string {
	now := time.Now()
	step := digest.FromString("step")
	var b strings.Builder
	add := func(all []*client.SolveStatus) {
		for _, status := range all {
			for _, l := range status.Logs {
				b.Write(l.Data)
			}
		}
	}
	add(f.filterStatus(&client.SolveStatus{Vertexes: []*client.Vertex{{Digest: step, Name: "RUN x", Started: &now}}}))
	for _, piece := range pieces {
		add(f.filterStatus(&client.SolveStatus{Logs: []*client.VertexLog{{Vertex: step, Stream: 1, Data: []byte(piece), Timestamp: now}}}))
	}
	add(f.filterStatus(&client.SolveStatus{Vertexes: []*client.Vertex{{Digest: step, Name: "RUN x", Started: &now, Completed: &now}}}))
	return b.String()
}

func TestAttackSecretInPieces(t *testing.T) {
	const secret = "s3cret-value-0123456789"
	for name, pieces := range map[string][]string{
		"whole":       {"a " + secret + " b\n"},
		"two writes":  {"split s3cret-value", "-0123456789\n"},
		"at the end":  {"s3cret-", "value-0123456789"},
		"base64":      {base64.StdEncoding.EncodeToString([]byte(secret))[:9], base64.StdEncoding.EncodeToString([]byte(secret))[9:]},
		"with colour": {"s3cret\x1b[31m-value", "-01\x1b[0", "m23456789"},
	} {
		t.Run(name, func(t *testing.T) {
			got := shownBy(newSecretFilter(redact.New(secret)), pieces...)
			if !strings.Contains(got, "***") || strings.Contains(got, "0123456789") || strings.Contains(got, "s3cret") {
				t.Errorf("shown: %q", got)
			}
		})
	}
	if got := shownBy(newSecretFilter(redact.New("pin4")), "the pi", "n4 is"); got != "the *** is" {
		t.Errorf("a secret of four letters: %q", got)
	}
}

// What waits for a secret that does not come is shown, before the step's end.
func TestFilterLosesNothing(t *testing.T) {
	f := newSecretFilter(redact.New("s3cret-value"))
	if got := shownBy(f, "begins with s3cret-", "x\nends with s3cr"); got != "begins with s3cret-x\nends with s3cr" {
		t.Errorf("shown: %q", got)
	}
	if rest := f.flushAll(); len(rest.Logs) > 0 {
		t.Errorf("held back after the end: %+v", rest)
	}
	step := digest.FromString("cut off")
	f.filterStatus(&client.SolveStatus{Logs: []*client.VertexLog{{Vertex: step, Data: []byte("cut s3c")}}})
	if rest := f.flushAll(); len(rest.Logs) != 1 || string(rest.Logs[0].Data) != "s3c" {
		t.Errorf("of a step that was cut off: %+v", rest)
	}
}

func TestAttackStepOutput(t *testing.T) {
	got := shownBy(newSecretFilter(redact.New()), "\x1b]0;title\x07\x1b[2Jtext \u202e\u009b31m\x07")
	if got != "text \ufffd\ufffd31m␇" {
		t.Errorf("shown: %q", got)
	}
}
