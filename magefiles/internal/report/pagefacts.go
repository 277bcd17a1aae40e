package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// fact is one line of what the page says in short.
type fact struct {
	Label               webpage.Text
	Time                *time.Time
	Text, Address, More string // Text leads to Address, where that is one
	Note                *webpage.Text
}

// facts are what was run where, for whom and for how long, and where it can be seen. What is not known is left out.
func (r Report) facts() []fact {
	all := []fact{
		{Label: webpage.Both("Service", "서비스"), Text: r.Service},
		{Label: webpage.Both("Environment", "환경"), Text: r.Environment},
		{Label: bothWords(func(w words) string { return w.commit }), Text: r.Commit.ShortSHA(), Address: r.Commit.URL, More: r.Commit.about()},
		{Label: webpage.Both("Started", "시작"), Time: &r.Started},
		{Label: bothWords(func(w words) string { return w.took }), Text: seconds(r.Seconds)},
	}
	all = append(all, r.decisionFacts()...)
	for _, d := range r.Deployment {
		if d.Commit != "" {
			all = append(all, fact{Label: bothWords(func(w words) string { return w.deployment }), Text: d.Commit[:min(8, len(d.Commit))], Address: d.URL, More: d.Repository + "@" + d.Branch})
		}
		if p := d.PullRequest; p != nil {
			all = append(all, fact{Label: pullRequestLabel(*p), Text: fmt.Sprintf("#%d", p.Number), Address: p.URL})
		}
	}
	for _, s := range r.live() {
		all = append(all, s.fact())
	}
	if r.Run != "" {
		all = append(all, fact{Label: bothWords(func(w words) string { return w.run }), Text: r.Run, Address: r.Run})
	}
	return known(all)
}

// decisionFacts are what a person decided about images that exist.
func (r Report) decisionFacts() []fact {
	var all []fact
	if from := r.From; from != nil && r.Command == CommandRollback {
		all = append(all, fact{Label: bothWords(func(w words) string { return w.restored }), Text: from.place()})
	} else if from != nil {
		all = append(all, fact{Label: bothWords(func(w words) string { return w.from }), Text: from.Environment, More: from.place()})
	}
	all = append(all,
		fact{Label: bothWords(func(w words) string { return w.reason }), Text: r.Reason},
		fact{Label: bothWords(func(w words) string { return w.by }), Text: r.By},
	)
	for _, h := range r.Holds {
		all = append(all, h.fact(r.Environment))
	}
	return all
}

// fact is what is held, and until when.
func (h Hold) fact(environment string) fact {
	f := fact{Label: bothWords(func(w words) string { return w.held }), Text: strings.TrimSpace(h.Component + " " + h.Tag)}
	if _, ok := wordsOf("en").until[h.Until]; ok {
		until := bothWords(func(w words) string { return fmt.Sprintf(w.until[h.Until], escape.Line(environment)) })
		f.Text, f.Note = f.Text+":", &until
	}
	return f
}

// known leaves out what is not, and makes the rest safe to show.
func known(all []fact) []fact {
	var kept []fact
	for _, f := range all {
		f.Text, f.Address, f.More = escape.Line(f.Text), escape.Line(f.Address), escape.Line(f.More)
		if f.Text != "" || f.Time != nil {
			kept = append(kept, f)
		}
	}
	return kept
}

func pullRequestLabel(p PullRequest) webpage.Text {
	if p.Merged {
		return webpage.Both("Merged", "병합됨")
	}
	return bothWords(func(w words) string { return w.merge })
}

// about is a commit's title, and where and from whom it comes.
func (c Commit) about() string {
	details := commitDetails(c)
	if details == "" {
		return c.Title
	}
	return strings.TrimSpace(c.Title + " (" + details + ")")
}

// fact is what ArgoCD runs, in its own words.
func (s Sync) fact() fact {
	f := fact{
		Label: webpage.Both("ArgoCD", "ArgoCD"), Text: s.Application, Address: s.URL,
		More: strings.Join([]string{s.Sync, s.Health, s.Revision[:min(8, len(s.Revision))]}, ", "),
	}
	if by := escape.Line(s.Superseded); by != "" {
		note := webpage.Both("superseded by "+by, "대체됨: "+by)
		f.Note = &note
	}
	return f
}
