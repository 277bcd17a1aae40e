package report_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

const runURL = "https://github.com/xiilab/astrago-backend/actions/runs/42"

// again has flags, as every command that continues a run.
const again = "mage release -env=stage -only=core,batch -reason='it'\\''s late'"

// messages are the ends of a run that people are told of.
func messages() map[string]report.Report {
	open := sampleReport(report.CommandBump)
	open.Deployment[0].PullRequest = &report.PullRequest{Number: 12, URL: "https://github.com/xiilab/astrago-deployment/pull/12"}
	unchanged := sampleReport(report.CommandRelease)
	unchanged.Outcome, unchanged.Deployment[0].Changes = report.NothingToDo, nil
	promoted, back := existing(report.CommandPromote), existing(report.CommandRollback)
	back.From.Environment, back.Reason, back.By, back.Holds = back.Environment, "login fails", "kim", held()
	partly := existing(report.CommandRollback)
	partly.Deployment = append(partly.Deployment, open.Deployment[0])
	partly.Deployment[1].Repository = "xiilab/disaster-recovery"
	same := existing(report.CommandRollback)
	same.Outcome, same.Deployment[0].Changes = report.NothingToDo, nil
	frozen, lifted := existing(report.CommandHold), existing(report.CommandHold)
	frozen.From, frozen.Images, frozen.Deployment[0].Changes, frozen.Reason, frozen.By = nil, nil, nil, "year-end closing", "kim"
	lifted.From, lifted.Images, lifted.Deployment[0].Changes = nil, nil, nil
	unrenderable := back
	unrenderable.Fail(refusedError())
	all := map[string]report.Report{
		"promoted":   promoted,
		"partly":     partly,
		"rollback":   back,
		"same":       same,
		"frozen":     frozen,
		"lifted":     lifted,
		"unrendered": unrenderable,
		"done":       sampleReport(report.CommandRelease),
		"proposed":   open,
		"unchanged":  unchanged,
		"refused":    failedReport(refusedError()),
		"several":    failedReport(sampleErrors()),
		"failed":     failedReport(errors.New("building core: exit code 1\n> [3/4] RUN make")),
		"uncertain":  failedReport(problem.New(problem.Failed, again+"\nit makes no second commit", "committing: no answer")),
		"forbidden":  failedReport(problem.New(problem.Failed, "give the token a permission\n"+again, "committing: forbidden")),
		"cancelled":  failedReport(problem.New(problem.Terminate, "run the same command again", "cancelled by SIGTERM")),
	}
	for name, r := range all {
		r.Run = runURL
		if r.Error != nil {
			r.Next = again
		}
		all[name] = r
	}
	return all
}

func TestMessageSaysWhatToDoNext(t *testing.T) {
	for name, r := range messages() {
		for _, language := range []string{"en", "ko"} {
			t.Run(name+"/"+language, func(t *testing.T) {
				m := report.NewMessage(r, report.MessageOptions{Language: language, Recovered: name == "done"})
				golden(t, "message/"+name+"."+language+".txt", m.Title+"\n\n"+m.Format(nil)+"\n")
			})
		}
	}
}

// TestMessageFitsEveryService writes one that everybody made as long as can be.
func TestMessageFitsEveryService(t *testing.T) {
	long := strings.Repeat("긴 말 ", 4000)
	r := failedReport(problem.New(problem.Failed, long, "building: %s", long))
	r.Service, r.Commit.Title, r.Commit.Author, r.Commit.Branch, r.Run = long, long, long, long, runURL
	done := sampleReport(report.CommandRelease)
	done.Run = runURL
	for range 60 {
		done.Images = append(done.Images, report.Image{Component: strings.Repeat("c", 60), Ref: "a/b:" + strings.Repeat("t", 128)})
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
		if last := m.Lines[len(m.Lines)-1]; last.URL != runURL {
			t.Errorf("the last line is %+v, not the run's address", last)
		}
	}
}

func TestMessageIsOneLineAFact(t *testing.T) {
	r := failedReport(errors.New("pushing\x1b[31m core\u202e"))
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
