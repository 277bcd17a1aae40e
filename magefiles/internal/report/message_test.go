package report_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestMessageSaysWhatToDoNext(t *testing.T) {
	for name, r := range sample.Messages() {
		for _, language := range []string{"en", "ko"} {
			t.Run(name+"/"+language, func(t *testing.T) {
				m := report.NewMessage(r, report.MessageOptions{Language: language, Recovered: name == "done"})
				sample.Golden(t, "message/"+name+"."+language+".txt", m.Title+"\n\n"+m.Format(nil)+"\n")
			})
		}
	}
}

// TestMessageFitsEveryService writes one that everybody made as long as can be.
func TestMessageFitsEveryService(t *testing.T) {
	long := strings.Repeat("긴 말 ", 4000)
	r := sample.Failed(problem.New(problem.Failed, long, "building: %s", long))
	r.Service, r.Commit.Title, r.Commit.Author, r.Commit.Branch, r.Run = long, long, long, long, sample.RunURL
	done := sample.Report(report.CommandRelease)
	done.Run = sample.RunURL
	for range 60 {
		done.Images = append(done.Images, report.Image{Component: component.Name(strings.Repeat("c", 60)), Ref: refs.Image("a/b:" + strings.Repeat("t", 128))})
		done.Deployment = append(done.Deployment, done.Deployment[0])
	}
	for _, r := range []report.Report{r, done} {
		m := report.NewMessage(r, report.MessageOptions{})
		if n := utf8.RuneCountInString(m.Title); n > 256 {
			t.Errorf("the title has %d characters", n)
		}
		if n := utf8.RuneCountInString(m.Format(nil)); n > 2000 {
			t.Errorf("the message has %d characters", n)
		}
		if last := m.Lines[len(m.Lines)-1]; last.URL != sample.RunURL {
			t.Errorf("the last line is %+v, not the run's address", last)
		}
	}
}

func TestMessageIsOneLineAFact(t *testing.T) {
	r := sample.Failed(errors.New("pushing\x1b[31m core\u202e"))
	r.Commit.Title = "a\nCause: forged"
	m := report.NewMessage(r, report.MessageOptions{})
	text := m.Format(strings.ToUpper)
	if strings.Contains(text, "\nCAUSE: FORGED") || strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("others write lines and control characters into the message:\n%q", text)
	}
	if strings.Contains(m.Format(strings.ToUpper), "HTTPS://") {
		t.Error("an address is escaped")
	}
}
