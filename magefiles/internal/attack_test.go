package internal_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// wantMasksOnly: the script prints commands that mask, and nothing of a secret beside them.
func wantMasksOnly(t *testing.T, out string, masks ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "::add-mask::") || strings.TrimSpace(strings.TrimPrefix(line, "::add-mask::")) == "" {
			t.Errorf("a line of the log is %q", line)
		}
	}
	for _, mask := range masks {
		if !slices.Contains(lines, "::add-mask::"+mask) {
			t.Errorf("%q is not masked:\n%s", mask, out)
		}
	}
}

// TestAttackMasksOfAServiceAccount: what a login encodes may be JSON of many lines, with a key whose lines are in one. Only masks are in the
// log, none of them of what every log has.
func TestAttackMasksOfAServiceAccount(t *testing.T) {
	const account = "{\r\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN\\nMIIEsecret\\n-----END\\n\"\n}\n"
	auth := base64.StdEncoding.EncodeToString([]byte("_json_key:" + account))
	encoded, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"encoded":      `{"auths":{"gcr.io":{"auth":"` + auth + `"}}}`,
		"in two lines": "{\"auths\":{\"gcr.io\":{\"auth\" :\r\n\t\"" + auth + "\"}}}",
		"escaped":      `{"auths":{"gcr.io":{"auth":"` + strings.NewReplacer("/", `\/`, "=", `\u003d`).Replace(auth) + `"}}}`,
		"in the clear": `{"auths":{"gcr.io":{"username":"_json_key","password":` + string(encoded) + `}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			out, err := credentials(t, t.TempDir(), []string{"REGISTRIES=" + secret}, "login")
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			wantMasksOnly(t, out, `  "private_key": "-----BEGIN\nMIIEsecret\n-----END\n"`, "MIIEsecret")
			for _, structure := range []string{"{", "}", `",`, `"`} {
				if strings.Contains(out, "::add-mask::"+structure+"\n") {
					t.Errorf("%q is masked, and with it every line that has it:\n%s", structure, out)
				}
			}
		})
	}
}

// TestAttackEscapesOfJSON: a secret is masked as it is, not as JSON writes it.
func TestAttackEscapesOfJSON(t *testing.T) {
	for _, secret := range []string{`a"b`, `a\b`, `\`, `\\u0026`, `a/b&c<d>e=f'g`, ` led by a space`, `\"`, `100%`, "tab\tin it", `{x\ny}`, `비밀 번호`} {
		writers := []func(string) string{
			func(s string) string { encoded, _ := json.Marshal(s); return string(encoded) }, // as Go writes it
			func(s string) string { // as others do
				return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "/", `\/`, "=", `\u003d`, "'", `\u0027`, "\t", `\t`).Replace(s) + `"`
			},
		}
		for _, write := range writers {
			config := `{"auths":{"a.io":{"password":` + write(secret) + `,"identitytoken":"second"}}}`
			out, err := credentials(t, t.TempDir(), []string{"REGISTRIES=" + config}, "login")
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			wantMasksOnly(t, out, strings.ReplaceAll(secret, "%", "%25"), "second")
		}
	}
}

// TestAttackVariablesOfTheRelease: no secret of a build sets what a release, the runner or the script itself reads.
func TestAttackVariablesOfTheRelease(t *testing.T) {
	names := []string{"_name", "_line", "_end", "_value", "_number", "_carriage", "GITHUB_OUTPUT", "BASH_ENV", "LD_AUDIT", "REGISTRY_TOKEN_GHCR_IO"}
	for _, v := range vars.Table() {
		names = append(names, strings.ReplaceAll(string(v.Name), "<HOST>", "GHCR_IO"))
	}
	for _, name := range names {
		out, err := credentials(t, t.TempDir(), []string{"BUILD_SECRETS=" + name + "<<END\nx\nEND"}, "run", "true")
		if err == nil || !strings.Contains(out, "of BUILD_SECRETS sets a variable of the workflow or of the release") {
			t.Errorf("%s: it says %q, %v", name, out, err)
		}
	}
}

// TestAttackNamesOfTheScript: a secret may have any other name, those of the script's own words too, and any value.
func TestAttackNamesOfTheScript(t *testing.T) {
	show := []string{"run", "sh", "-c", `printf '[%s]' "$name" "$end" "$value" "$line" "$number" "$carriage"`}
	secret := "name=a\nend<<EOF\n\n\nb\n\nEOF\nvalue=c\nline=<<\nnumber<<==\n{\n==\ncarriage<<X\nX"
	out, err := credentials(t, t.TempDir(), []string{"BUILD_SECRETS=" + secret}, show...)
	_, shown, _ := strings.Cut(out, "[")
	if err != nil || "["+shown != "[a][\n\nb\n][c][<<][{][]" {
		t.Errorf("the command sees %q, %v", out, err)
	}
	out, err = credentials(t, t.TempDir(), []string{"BUILD_SECRETS=KEY<<\nx\n\n"}, "run", "true")
	if err == nil || !strings.Contains(out, "line 1 of BUILD_SECRETS says no end of its value") || strings.Contains(out, "x\n") {
		t.Errorf("it says %q, %v", out, err)
	}
}

// TestAttackVariablesOfTheRunner: a step that hands an input on to later ones sets one variable, whatever lines the input has.
func TestAttackVariablesOfTheRunner(t *testing.T) {
	found := 0
	for name, file := range readWorkflows(t, repositoryWorkflows...) {
		for job, content := range file.Jobs {
			for _, step := range content.Steps {
				if !strings.Contains(step.Run, "GITHUB_ENV") {
					continue
				}
				found++
				path := filepath.Join(t.TempDir(), "env")
				cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", step.Run)
				cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "GITHUB_ENV=" + path, "HOST=tcp://daemon:1\r\nLD_PRELOAD=/tmp/x.so\nA<<B"}
				out, err := cmd.CombinedOutput()
				given, readErr := os.ReadFile(path)
				if err != nil || readErr != nil || string(given) != "BUILDKIT_HOST=tcp://daemon:1LD_PRELOAD=/tmp/x.soA<<B\n" {
					t.Errorf("%s, %s: %q, %v %s", name, job, given, err, out)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no step was tried")
	}
}
