package report

import "github.com/xiilab/astrago-ci/magefiles/internal/component"

// Warning is something that the author of a Dockerfile should know although the build went on.
type Warning struct {
	Rule       string           `json:"rule,omitempty"` // of BuildKit's build checks, e.g. StageNameCasing
	Message    string           `json:"message"`
	Place      *Place           `json:"place,omitempty"`
	Remedy     string           `json:"remedy,omitempty"` // the address that explains the rule, or what to do
	Components []component.Name `json:"components"`
}

// Text is the rule and the message.
func (w Warning) Text() string {
	if w.Rule == "" {
		return w.Message
	}
	return w.Rule + ": " + w.Message
}
