package page

import (
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// fact is one line of what the page says in short.
type fact struct {
	Label               webpage.Text
	Time                *time.Time
	Text, Address, More string // Text leads to Address, where that is one
	Note                *webpage.Text
}

// runFacts are the service, environment, person, duration and links of a run. Unknown ones are left out.
func runFacts(r report.Report) []fact {
	all := []fact{
		{Label: webpage.Both("Service", "서비스"), Text: r.Service},
		{Label: webpage.Both("Environment", "환경"), Text: r.Environment},
		{
			Label: bothLabels(func(w report.Labels) string { return w.Commit }),
			Text:  r.Commit.SHA.Short(), Address: r.Commit.URL, More: commitAbout(r.Commit),
		},
		{Label: webpage.Both("Started", "시작"), Time: &r.Started},
		{Label: bothLabels(func(w report.Labels) string { return w.Took }), Text: report.Seconds(r.Seconds)},
	}
	all = append(all, decisionFacts(r)...)
	for _, d := range r.Deployment {
		if d.Commit != "" {
			label := bothLabels(func(w report.Labels) string { return w.Deployment })
			all = append(all, fact{Label: label, Text: d.Commit.Short(), Address: d.URL, More: d.Place()})
		}
		if p := d.PullRequest; p != nil {
			all = append(all, fact{Label: pullRequestLabel(*p), Text: fmt.Sprintf("#%d", p.Number), Address: p.URL})
		}
	}
	for _, s := range r.Syncs() {
		all = append(all, syncFact(s))
	}
	if r.Run != "" {
		all = append(all, fact{Label: bothLabels(func(w report.Labels) string { return w.Run }), Text: r.Run, Address: r.Run})
	}
	return withoutUnknown(all)
}

// decisionFacts returns the facts of a decision about existing images.
func decisionFacts(r report.Report) []fact {
	var all []fact
	if from := r.From; from != nil && r.Command == report.CommandRollback {
		all = append(all, fact{Label: bothLabels(func(w report.Labels) string { return w.Restored }), Text: from.Place()})
	} else if from != nil {
		label := bothLabels(func(w report.Labels) string { return w.From })
		all = append(all, fact{Label: label, Text: from.Environment, More: from.Place()})
	}
	all = append(all,
		fact{Label: bothLabels(func(w report.Labels) string { return w.Reason }), Text: r.Reason},
		fact{Label: bothLabels(func(w report.Labels) string { return w.By }), Text: r.By},
	)
	for _, h := range r.Holds {
		all = append(all, holdFact(h, r))
	}
	return all
}

// holdFact returns the held component and tag, with the end of the hold.
func holdFact(h report.Hold, r report.Report) fact {
	f := fact{Label: bothLabels(func(w report.Labels) string { return w.Held }), Text: strings.TrimSpace(string(h.Component) + " " + h.Tag)}
	if _, ok := report.LabelsIn("en").Until[h.Until]; ok {
		until := bothLabels(func(w report.Labels) string {
			return fmt.Sprintf(w.Until[h.Until], escape.Line(r.Scripts()), escape.Line(r.Environment))
		})
		f.Text, f.Note = f.Text+":", &until
	}
	return f
}

// withoutUnknown leaves out what is not, and makes the rest safe to show.
func withoutUnknown(all []fact) []fact {
	var kept []fact
	for _, f := range all {
		f.Text, f.Address, f.More = escape.Line(f.Text), escape.Line(f.Address), escape.Line(f.More)
		if f.Text != "" || f.Time != nil {
			kept = append(kept, f)
		}
	}
	return kept
}

func pullRequestLabel(p report.PullRequest) webpage.Text {
	if p.Merged {
		return webpage.Both("Merged", "병합됨")
	}
	return bothLabels(func(w report.Labels) string { return w.Merge })
}

// commitAbout is a commit's title, branch and author.
func commitAbout(c report.Commit) string {
	details := c.Details()
	if details == "" {
		return c.Title
	}
	return strings.TrimSpace(c.Title + " (" + details + ")")
}

// syncFact returns the state of an Argo CD application, in its own terms.
func syncFact(s report.Sync) fact {
	f := fact{
		Label: webpage.Both("Argo CD", "Argo CD"), Text: s.Application, Address: s.URL,
		More: strings.Join([]string{s.Sync, s.Health, commitid.ShortRevision(s.Revision)}, ", "),
	}
	if by := escape.Line(s.Superseded); by != "" {
		note := webpage.Both("superseded by "+by, "대체됨: "+by)
		f.Note = &note
	}
	return f
}
