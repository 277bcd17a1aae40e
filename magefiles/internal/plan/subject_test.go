package plan_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// wordedBy is the configuration with a subject of its own.
func wordedBy(template string) string {
	return strings.Replace(file, "      - repository: acme/other\n", "      - repository: acme/other\n        message: '"+template+"'\n", 1)
}

func TestSubjectOfARelease(t *testing.T) {
	c := commit()
	c.Version = "1.2.3\nAstrago-Image: x @acme/platform closes #12"
	for template, want := range map[string]string{
		"OPS-1 {{ .Headline }}":                              "OPS-1 deploy(stage): backend a1b2c3d4",
		"#7 {{ .Service }} {{ .Environment }} {{ .Branch }}": "#7 backend stage main",
		"{{ .ShortSHA }} of {{ .SHA }}":                      string("a1b2c3d4 of " + c.SHA),
		"x {{ .Version }}":                                   `x "1.2.3\nAstrago-Image: x @` + "\u200b" + `acme/platform closes #` + "\u200b" + `12"`,
	} {
		t.Run(template, func(t *testing.T) {
			p, err := plan.New(parse(t, wordedBy(template)), c, plan.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Deployments[0].Subject != "deploy(stage): backend a1b2c3d4" || p.Deployments[1].Subject != want {
				t.Errorf("subjects %q and %q, want %q", p.Deployments[0].Subject, p.Deployments[1].Subject, want)
			}
		})
	}
}

// What only the commit tells is known before anything is built.
func TestSubjectThatACommitCannotHave(t *testing.T) {
	c := commit()
	c.Branch = "main"
	for template, says := range map[string]string{
		`x{{ with .Branch }}{{ slice . 0 9 }}{{ end }}`:                        "out of range",
		`{{ if eq .Branch "sample-branch" "" }}{{ .Headline }}{{ end }}`:       "gives nothing",
		`{{ if eq .Branch "main" }}Astrago-{{ end }}{{ .Headline }}`:           "begins with Astrago-",
		`x{{ if eq .Branch "main" }}{{ printf "\n" }}{{ end }}{{ .Headline }}`: "more than a line",
	} {
		t.Run(template, func(t *testing.T) {
			_, err := plan.New(parse(t, wordedBy(template)), c, plan.Options{})
			if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(err.Error(), says) || p.Place.Line == 0 {
				t.Errorf("%v, want %q with its place", err, says)
			}
		})
	}
}
