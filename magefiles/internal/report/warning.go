package report

import "strings"

// Warning is something that the author of a Dockerfile should know although the build went on.
type Warning struct {
	Rule       string   `json:"rule,omitempty"` // of BuildKit's build checks, e.g. StageNameCasing
	Message    string   `json:"message"`
	Place      *Place   `json:"place,omitempty"`
	Remedy     string   `json:"remedy,omitempty"` // the address that explains the rule, or what to do
	Components []string `json:"components"`
}

func (w Warning) text() string {
	if w.Rule == "" {
		return w.Message
	}
	return w.Rule + ": " + w.Message
}

// Warning tells a warning with its place and remedy; in a GitHub log it is an annotation under the rule's name.
func (c *Console) Warning(w Warning) {
	e := Error{Message: w.text(), Place: w.Place, Remedy: w.Remedy}
	if c.o.GitHub {
		e.Message = w.Message
		c.command(annotation("warning", w.Rule, e))
		return
	}
	c.print(c.diagnosis(c.style.yellow("warning:"), e)...)
}

// warnings is a row for each warning; the rule leads to its explanation.
func (m *markdown) warnings(warnings []Warning) {
	rows := make([][]string, len(warnings))
	for i, w := range warnings {
		message, rule := text(w.Message), link(text(w.Rule), w.Remedy)
		if rule == "" && w.Remedy != "" {
			for _, line := range cleanLines(w.Remedy) {
				message += "<br>" + text(line)
			}
		}
		rows[i] = []string{rule, code(w.Place.String()), message, text(strings.Join(w.Components, ", "))}
	}
	m.table([]string{"Check", "Place", "Warning", "Components"}, nil, rows)
}
