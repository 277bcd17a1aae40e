package yq_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// TestNoExpressionReachesBeyondTheFile has expressions that read the environment or files, or start a process: each is refused
// before it runs, and where yq reads it only while it runs, as in eval, it yields nothing of them.
func TestNoExpressionReachesBeyondTheFile(t *testing.T) {
	const secret = "hunter2hunter2"
	t.Setenv("ASTRAGO_SECRET", secret)
	dir := t.TempDir()
	file, made := filepath.Join(dir, "secret.yaml"), filepath.Join(dir, "made")
	if err := os.WriteFile(file, []byte("a: "+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`env(ASTRAGO_SECRET)`, `strenv(ASTRAGO_SECRET)`, `("${ASTRAGO_SECRET}" | envsubst)`, `("${ASTRAGO_SECRET}" | envsubst(nu))`,
		`load("FILE")`, `load_str("FILE")`, `load_props("FILE")`, `load_xml("FILE")`, `load_base64("FILE")`, `system("touch"; "MADE")`,
	} {
		part = strings.NewReplacer("FILE", file, "MADE", made).Replace(part)
		for _, form := range []string{
			"%s", ".a = %s", ".a |= (. + %s)", "with(.a; . = %s)", "select(%s == 1)", "[{\"b\": %s}]", "%s as $v | .a = $v",
		} {
			expression := fmt.Sprintf(form, part)
			unlock := yq.Lock()
			_, err := yq.Parse(expression, []byte("a: b\n"))
			unlock()
			if p := problem.As(err); p == nil || p.Status != problem.Usage {
				t.Errorf("%s: %v", expression, err)
			}
		}
		quoted := `"` + strings.ReplaceAll(part, `"`, `\"`) + `"`
		for _, expression := range []string{"$ENV.ASTRAGO_SECRET", "eval(.b)", ".a = eval(.b)", ".a |= eval(" + quoted + ")"} {
			root := tree(t, "a: x\nb: '"+part+"'\n")
			found, err := evaluate(root, parse(t, expression))
			text := fmt.Sprint(err) + outline(root)
			for _, n := range found {
				text += outline(n)
			}
			if strings.Contains(text, secret) {
				t.Errorf("%s with %s yields %s", expression, part, text)
			}
		}
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("a process has run")
	}
}
