package build

import (
	"encoding/json"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// plainView prints every line at once, behind the component's name.
type plainView struct{ out *printer }

func (v *plainView) status(*track, *client.SolveStatus) {}
func (v *plainView) tick(*board)                        {}
func (v *plainView) close(*board)                       {}

func (v *plainView) line(t *track, text string) {
	v.out.line(v.out.paint(cyan, t.label) + " | " + text)
}

func (v *plainView) beat(t *track, text string) { v.line(t, text) }

func (v *plainView) notice(t *track, text string) { v.line(t, text) }

func (v *plainView) finish(t *track) { v.line(t, t.summary()) }

// rawJSONView prints what BuildKit sends, and notices, for programs.
type rawJSONView struct{ out *printer }

func (v *rawJSONView) line(*track, string) {}
func (v *rawJSONView) beat(*track, string) {}
func (v *rawJSONView) finish(*track)       {}
func (v *rawJSONView) tick(*board)         {}
func (v *rawJSONView) close(*board)        {}

func (v *rawJSONView) status(t *track, s *client.SolveStatus) {
	v.write(struct {
		Component string `json:"component"`
		*client.SolveStatus
	}{t.name, s})
}

func (v *rawJSONView) notice(t *track, text string) {
	v.write(struct {
		Component string `json:"component"`
		Notice    string `json:"notice"`
	}{t.name, text})
}

func (v *rawJSONView) write(message any) {
	if data, err := json.Marshal(message); err == nil {
		v.out.print(escape.JSON(string(data)) + "\n")
	}
}
