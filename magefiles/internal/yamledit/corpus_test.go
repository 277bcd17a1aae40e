package yamledit_test

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// scalar is a string of a file that looks like an image's name or tag.
type scalar struct {
	document int
	path     []any // keys (string) and indexes (int), from the root
	node     *yaml.Node
	shared   bool // it or a collection around it has an anchor that an alias names
}

// expression sets the scalar by its full path.
func (s scalar) expression(value string) string {
	var b strings.Builder
	b.WriteString("(select(documentIndex == " + strconv.Itoa(s.document) + ") | .")
	for _, step := range s.path {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			b.WriteString("[" + quoted(step) + "]")
		}
	}
	return b.String() + ") = " + quoted(value)
}

// quoted is a yq string literal, which yq unescapes twice: as text, and to look for \(…) in it.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// images collects the strings whose key is tag or imageTag, or that stand below a key image.
// It gives also the line of the first template, or 0.
func images(doc []byte) (found []scalar, line int, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(doc))
	for document := 0; ; document++ {
		var root yaml.Node
		if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
			return found, line, nil
		} else if err != nil {
			return nil, 0, err
		}
		line = cmp.Or(line, template(&root))
		aliased := map[*yaml.Node]bool{}
		collectAliased(&root, aliased)
		collect(root.Content[0], scalar{document: document}, false, aliased, &found)
	}
}

func collectAliased(n *yaml.Node, aliased map[*yaml.Node]bool) {
	if n.Alias != nil {
		aliased[n.Alias] = true
	}
	for _, child := range n.Content {
		collectAliased(child, aliased)
	}
}

func collect(n *yaml.Node, at scalar, wanted bool, aliased map[*yaml.Node]bool, found *[]scalar) {
	at.shared = at.shared || aliased[n]
	down := func(step any, child *yaml.Node, wanted bool) {
		next := at
		next.path = append(append([]any{}, at.path...), step)
		collect(child, next, wanted, aliased, found)
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, n.Content[i+1]
			leaf := value.Kind == yaml.ScalarNode && (key == "tag" || key == "imageTag")
			down(key, value, wanted || leaf || key == "image")
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			down(i, item, wanted)
		}
	case yaml.ScalarNode:
		if wanted && n.Tag == "!!str" {
			at.node = n
			*found = append(*found, at)
		}
	}
}

// corpus is the folder of real values files that others wrote; "" where there is none.
func corpus(t testing.TB) string {
	t.Helper()
	dir, given := os.LookupEnv("ASTRAGO_CORPUS")
	if !given {
		dir = filepath.Join("..", "..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "values")); err == nil {
		return filepath.Join(dir, "values")
	} else if given {
		t.Fatalf("ASTRAGO_CORPUS: %v", err)
	}
	return ""
}

func TestCorpus(t *testing.T) {
	dir := corpus(t)
	if dir == "" {
		t.Skip("no corpus of real values files here; ASTRAGO_CORPUS names its folder")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	var seen tally
	t.Run("files", func(t *testing.T) {
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				doc, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				seen.file(t, doc)
			})
		}
	})
	t.Logf("%d files: %d scalars set and put back, %d shared ones and %d templates refused", len(files), seen.set.Load(), seen.shared.Load(), seen.templates.Load())
	if seen.set.Load() == 0 {
		t.Error("nothing was set")
	}
}

// tally counts what became of the corpus.
type tally struct{ set, shared, templates atomic.Int32 }

// file sets every image's name and tag in doc, one at a time.
func (seen *tally) file(t *testing.T, doc []byte) {
	t.Helper()
	found, line, err := images(doc)
	if err != nil {
		refused(t, problem.Refused, doc, `.image.tag = "x"`, 0, 0, "reading the file")
		return
	}
	if line > 0 {
		refused(t, problem.Refused, doc, `.image.tag = "x"`, line, 0, "a template")
		seen.templates.Add(1)
		return
	}
	decoded := decoders(t, doc)
	for _, s := range found {
		if s.shared {
			refused(t, problem.Refused, doc, s.expression("x"), s.node.Line, 0, "shared by an anchor…also change")
			seen.shared.Add(1)
			continue
		}
		roundTrip(t, doc, s, decoded)
		seen.set.Add(1)
	}
}

// template is the line of the first map that is the key of another one, as YAML reads {{ … }}; 0 where there is none.
func template(n *yaml.Node) int {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && child.Kind == yaml.MappingNode {
			return child.Line
		}
		if line := template(child); line > 0 {
			return line
		}
	}
	return 0
}

// roundTrip sets s, looks at the bytes and the meaning, and puts the old value back.
func roundTrip(t *testing.T, doc []byte, s scalar, decoded []decoder) {
	t.Helper()
	const value = "core-stage-a1b2c3d4"
	edit, err := yamledit.Apply(doc, s.expression(value))
	if err != nil {
		t.Errorf("line %d: %v", s.node.Line, err)
		return
	}
	if want := rewritten(t, doc, s, value); !bytes.Equal(edit.Bytes, want) {
		t.Errorf("line %d: other bytes than the value's differ", s.node.Line)
	}
	if len(edit.Changes) != 1 || edit.Changes[0].Line != s.node.Line || edit.Changes[0].Old != s.node.Value || edit.Changes[0].New != value {
		t.Errorf("line %d: changes %+v", s.node.Line, edit.Changes)
	}
	for _, d := range decoded {
		d.check(t, edit.Bytes, s, value)
	}
	back, err := yamledit.ApplyUnchecked(edit.Bytes, s.expression(s.node.Value))
	if err != nil || !bytes.Equal(back.Bytes, doc) {
		t.Errorf("line %d: putting %q back: %v", s.node.Line, s.node.Value, err)
	}
}

// rewritten is the file that the edit must give, made by text search in the line of the scalar: it knows nothing of
// YAML and nothing of the code under test.
func rewritten(t *testing.T, doc []byte, s scalar, value string) []byte {
	t.Helper()
	lines := bytes.SplitAfter(doc, []byte("\n"))
	line := string(lines[s.node.Line-1])
	key, isKey := s.path[len(s.path)-1].(string)
	prefix := `^\s*(?:- +)*`
	if isKey {
		prefix += `["']?` + regexp.QuoteMeta(key) + `["']? *: *`
	}
	text := regexp.MustCompile(prefix + `["']?(` + regexp.QuoteMeta(s.node.Value) + `)(?:["']|\s|$)`)
	m := text.FindStringSubmatchIndex(line)
	if m == nil {
		t.Fatalf("line %d: the value does not stand behind its key", s.node.Line)
	}
	lines[s.node.Line-1] = []byte(line[:m[2]] + value + line[m[3]:])
	return bytes.Join(lines, nil)
}
