package project

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// stream is output of `go test -json`: a pass, a skip, a failure, and the packages' own lines.
const stream = `{"Action":"run","Package":"example.com/a","Test":"TestGood"}
{"Action":"output","Package":"example.com/a","Test":"TestGood","Output":"chatter\n"}
{"Action":"pass","Package":"example.com/a","Test":"TestGood"}
{"Action":"output","Package":"example.com/a","Test":"TestLater","Output":"    a_test.go:3: no daemon here\n"}
{"Action":"skip","Package":"example.com/a","Test":"TestLater"}
{"Action":"output","Package":"example.com/a","Output":"PASS\n"}
{"Action":"output","Package":"example.com/a","Output":"ok  \texample.com/a\t0.1s\n"}
{"Action":"pass","Package":"example.com/a"}
`

const failing = `{"Action":"output","Package":"example.com/b","Test":"TestBad","Output":"    b_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"example.com/b","Test":"TestBad"}
{"Action":"output","Package":"example.com/b","Output":"FAIL\texample.com/b\t0.1s\n"}
{"Action":"fail","Package":"example.com/b"}
not JSON: a compiler's message
`

func read(t *testing.T, text string) (*testRun, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	collected := &testRun{out: &out, output: map[string][]string{}}
	if err := collected.readEvents(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return collected, &out
}

func TestOutputIsWhatAPersonWants(t *testing.T) {
	_, out := read(t, stream+failing)
	want := "    a_test.go:3: no daemon here\nok  \texample.com/a\t0.1s\n    b_test.go:7: got 1, want 2\nFAIL\texample.com/b\t0.1s\nnot JSON: a compiler's message\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestVerdict(t *testing.T) {
	skip := strings.ReplaceAll(stream, "example.com/a", "github.com/x/magefiles/internal/yamledit")
	for name, test := range map[string]struct {
		stream string
		ci     bool
		err    error
		fails  bool
	}{
		"a skip on a laptop":       {stream: stream},
		"a skip in CI":             {stream: stream, ci: true, fails: true},
		"the corpus is not ours":   {stream: strings.ReplaceAll(skip, "TestLater", "TestCorpus"), ci: true},
		"a failure":                {stream: failing, fails: true},
		"go test itself has ended": {stream: stream, err: errors.New("exit status 2"), fails: true},
	} {
		collected, out := read(t, test.stream)
		if err := collected.verdict(test.ci, test.err); (err != nil) != test.fails {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(out.String(), " passed, ") {
			t.Errorf("%s: no closing line in %q", name, out)
		}
	}
}
