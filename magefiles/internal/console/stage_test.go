package console_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestAStageSaysWhatItIsAt(t *testing.T) {
	for name, test := range map[string]struct {
		options console.Options
		want    string
	}{
		"plain":    {console.Options{}, "▸ wait\n  wait       Progressing\n  wait       ::Degraded\n"},
		"github":   {console.Options{GitHub: true}, "::group::▸ wait\n  wait       Progressing\n"},
		"terminal": {console.Options{Terminal: true}, "\r▸ wait       Progressing\r▸ wait       ::Degraded"},
	} {
		var b bytes.Buffer
		stage := console.New(&b, test.options).Stage("wait")
		stage.Say("Progressing")
		stage.Say("::Degraded")
		told := b.String()
		if !strings.Contains(told, test.want) {
			t.Errorf("%s: got %q, want %q", name, told, test.want)
		}
		stage.Done("")
		ended := b.String()
		if stage.Say("late"); b.String() != ended {
			t.Errorf("%s: an ended stage says %q", name, strings.TrimPrefix(b.String(), ended))
		}
	}
}

func TestWhatIsLiveIsShown(t *testing.T) {
	var b bytes.Buffer
	console.New(&b, console.Options{}).Finish(sample.Waited())
	sample.Golden(t, "waited.txt", b.String())
}
