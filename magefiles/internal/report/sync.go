package report

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Sync is how ArgoCD runs what a commit in a deployment repository says.
type Sync struct {
	Application string  `json:"application"`
	URL         string  `json:"url"`                  // of its page
	Revision    string  `json:"revision"`             // of the deployment repository: the commit, or one that descends from it
	Sync        string  `json:"sync"`                 // Synced
	Health      string  `json:"health"`               // Healthy
	Seconds     float64 `json:"seconds"`              // for how long it was waited for
	Paused      bool    `json:"paused,omitempty"`     // it waits for a person: a canary, or a paused Deployment; Health is Suspended
	Superseded  string  `json:"superseded,omitempty"` // by what the values were replaced before they were seen live
}

// status says in one line what is live.
func (s Sync) status() string {
	text := fmt.Sprintf("%s and %s at %s", s.Sync, s.Health, s.Revision[:min(8, len(s.Revision))])
	if s.Paused {
		text += ", paused until somebody resumes it"
	}
	if s.Superseded != "" {
		text += ", superseded by " + s.Superseded
	}
	return text
}

// live are the applications that were waited for.
func (r Report) live() []Sync {
	if r.Live == nil {
		return nil
	}
	return append([]Sync{*r.Live}, r.AlsoLive...)
}

// sync is what the closing table says of ArgoCD.
func (c *Console) sync(live []Sync) []string {
	var lines []string
	for _, s := range live {
		lines = append(lines, "", c.style.bold(escape.Line(s.Application))+" is "+escape.Line(s.status()), "  "+c.style.cyan(escape.Line(s.URL)))
	}
	return lines
}

func (m *markdown) sync(live []Sync) {
	rows := make([][]string, len(live))
	for i, s := range live {
		rows[i] = []string{escape.MarkdownLink(escape.Markdown(s.Application), s.URL), escape.Markdown(s.Sync), escape.Markdown(s.Health), escape.MarkdownCode(s.Revision[:min(8, len(s.Revision))]), escape.Markdown(s.Superseded), seconds(s.Seconds)}
	}
	if len(rows) > 0 {
		m.table([]string{"ArgoCD application", "Sync", "Health", "Revision", "Superseded by", "Waited"}, []bool{false, false, false, false, false, true}, rows)
	}
}
