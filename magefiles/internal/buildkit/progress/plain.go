package progress

import (
	"encoding/json"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// plainView prints every line at once, behind the component's name.
type plainView struct{ out *printer }

func (v *plainView) onStatus(*Component, *client.SolveStatus) {}
func (v *plainView) onTick(*Model)                            {}
func (v *plainView) onClose(*Model)                           {}

func (v *plainView) onLine(t *Component, text string) {
	v.out.printLine(v.out.colorize(styleCyan, t.label) + " | " + text)
}

func (v *plainView) onHeartbeat(t *Component, text string) { v.onLine(t, text) }

func (v *plainView) onNotice(t *Component, text string) { v.onLine(t, text) }

func (v *plainView) onFinish(t *Component) { v.onLine(t, t.summaryLine()) }

// rawJSONView prints what BuildKit sends, and notices, for programs.
type rawJSONView struct{ out *printer }

func (v *rawJSONView) onLine(*Component, string)      {}
func (v *rawJSONView) onHeartbeat(*Component, string) {}
func (v *rawJSONView) onFinish(*Component)            {}
func (v *rawJSONView) onTick(*Model)                  {}
func (v *rawJSONView) onClose(*Model)                 {}

func (v *rawJSONView) onStatus(t *Component, s *client.SolveStatus) {
	v.writeJSON(struct {
		Component component.Name `json:"component"`
		*client.SolveStatus
	}{t.name, s})
}

func (v *rawJSONView) onNotice(t *Component, text string) {
	v.writeJSON(struct {
		Component component.Name `json:"component"`
		Notice    string         `json:"notice"`
	}{t.name, text})
}

func (v *rawJSONView) writeJSON(message any) {
	if data, err := json.Marshal(message); err == nil {
		v.out.printText(escape.JSON(string(data)) + "\n")
	}
}
