package targets_test

import (
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/collector"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// aroundTheTag are values that are more than a tag, with the expression that sets the tag in them; <A> and <B> stand for
// secrets, <TAG> for the tag. Some are refused: what the refusal says is an output, too.
var aroundTheTag = map[string]struct {
	values, set string
	code        int
}{
	"inline values": {
		"spec:\n  helm:\n    values: |\n      web:\n        tag: <TAG>\n      database: {password: <A>}\n      key: <B>\n",
		`'.spec.helm.values |= (from_yaml | .web.tag = "{{ .Tag }}" | to_yaml)'`, 0,
	},
	"JSON in a string": {`settings: '{"tag":"<TAG>","password":"<A>","b":["<B>"]}'` + "\n", `'.settings |= (from_json | .tag = "{{ .Tag }}" | to_json(0))'`, 0},
	"variables":        {"env: \"PASSWORD=<A>;TAG=<TAG>;KEY=<B>\"\n", `'.env |= sub("TAG=[^;]*", "TAG={{ .Tag }}")'`, 0},
	"an address":       {"url: https://user:<A>@host/<TAG>?k=<B>\n", `'.url |= sub("frontend-stage-[0-9a-f]+", "{{ .Tag }}")'`, 0},
	"an old value":     {"tag: \"https://<A>:<B>@host/\"\n", `'.tag = "{{ .Tag }}"'`, 3},
	"a shared value":   {"a: &x \"<A> <TAG> <B>\"\nb: *x\n", `'.a |= sub("frontend-stage-[0-9a-f]+", "{{ .Tag }}")'`, 3},
	"a folded block":   {"values: >\n  tag: <TAG>\n  password: <A>\n\n  more: <B>\n", `'.values |= sub("frontend-stage-[0-9a-f]+", "{{ .Tag }}") | .values += "\n\nx"'`, 3},
	"no match":         {"a: \"<A> <TAG> <B>\"\n", `'.a |= sub("nothing", "{{ .Tag }}")'`, 3},
	"no JSON":          {"a: \"<A> <TAG> <B>\"\n", `'.a |= (from_json | .tag = "{{ .Tag }}" | to_json)'`, 3},
	"a missing key":    {"spec:\n  values: |\n    web: {tag: <TAG>, password: <A>}\n    key: <B>\n", `'.spec.values |= (from_yaml | .wb.tag = "{{ .Tag }}" | to_yaml)'`, 3},
}

// TestNoValueIsShown releases values that hold secrets around the tag through every command, and looks into everything that these
// leave: output, reports, the status page, the summary, messages to people, traces, commits and pull requests.
func TestNoValueIsShown(t *testing.T) {
	t.Parallel()
	for name, form := range aroundTheTag {
		for _, api := range []string{"graphql", "rest"} {
			t.Run(name+"/"+api, func(t *testing.T) {
				a, received := told(t, "[{ on: [failure, recovered, success] }]")
				a.setTo(form.set)
				a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
				a.commit("values that hold secrets")
				secrets := []string{"pw" + rand.Text(), "key" + rand.Text()}
				fill := strings.NewReplacer("<TAG>", "frontend-stage-00000000", "<A>", secrets[0], "<B>", secrets[1])
				a.put(map[string]string{example.ValuesPath: fill.Replace(form.values)})
				left := t.TempDir()
				spans, err := collector.Start(t.Context())
				a.must(err)
				t.Cleanup(spans.Close)
				a.env = append(a.env, "GITHUB_STEP_SUMMARY="+filepath.Join(left, "summary"), "GITHUB_OUTPUT="+filepath.Join(left, "output"), "GITHUB_ACTIONS=true", "GITHUB_RUN_ID=1",
					"OTEL_EXPORTER_OTLP_ENDPOINT="+spans.URL())
				for i, args := range outputCommands {
					r := a.run(args...)
					if args[0] == "release" && len(args) == 2 && r.code != form.code {
						t.Errorf("mage %s ended with %d, want %d:\n%s", strings.Join(args, " "), r.code, form.code, r.stderr)
					}
					a.must(os.WriteFile(filepath.Join(left, "out"+string(rune('a'+i))), []byte(strings.Join(args, " ")+"\n"+r.stdout+r.stderr), 0o600))
				}
				for _, post := range received.Posts() {
					a.must(os.WriteFile(filepath.Join(left, "posts"), []byte(post.Body), 0o600))
				}
				if spans.Raw() == "" {
					t.Error("no trace was sent")
				}
				a.must(os.WriteFile(filepath.Join(left, "spans"), []byte(spans.Raw()), 0o600))
				a.must(os.WriteFile(filepath.Join(left, "messages"), []byte(a.messages()), 0o600))
				for _, secret := range secrets {
					if !strings.Contains(a.values(), secret) && name != "an old value" {
						t.Errorf("the file has lost a secret:\n%s", a.values())
					}
					notIn(t, secret, left, a.dir)
				}
			})
		}
	}
}

// outputCommands are those whose output may speak of values.
var outputCommands = [][]string{
	{"plan", "-env=stage"},
	{"doctor", "-env=stage"},
	{"release", "-env=stage", "-dryRun"},
	{"release", "-env=stage"},
	{"release", "-env=stage", "-force"},
	{"bump", "-env=stage", "-dryRun", "-json"},
	{"status", "-env=stage"},
	{"status", "-json"},
	{"status", "-html=status.html"},
	{"rollback", "-env=stage", "-reason=x"},
	{"hold", "-env=stage", "-json"},
}

// TestNoValueIsProposed does the same with a pull request.
func TestNoValueIsProposed(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Write, PullRequests: github.Write, Issues: github.Write})
	secret := "pw" + rand.Text()
	a.put(map[string]string{example.ValuesPath: `settings: '{"tag":"frontend-stage-00000000","password":"` + secret + `"}'` + "\n"})
	a.setTo(aroundTheTag["JSON in a string"].set)
	a.replace("astrago.yaml", "      file:", "      mode: pull-request\n      file:")
	a.commit("propose it")
	a.succeed("release")
	proposed := a.pull("1")
	if strings.Contains(proposed.Title+proposed.Body, secret) || !strings.Contains(proposed.Body, "…frontend-stage-"+a.shortSHA()+"…") {
		t.Errorf("the pull request says:\n%s", proposed.Body)
	}
}

// notIn searches all files below directories for a secret.
func notIn(t *testing.T, secret string, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			if data := readFile(t, path); strings.Contains(data, secret) {
				at := strings.Index(data, secret)
				t.Errorf("%s shows a secret: %s", path, data[max(0, at-300):min(len(data), at+100)])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
