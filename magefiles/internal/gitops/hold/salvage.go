package hold

import (
	"errors"
	"io"
	"regexp"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// keptKey begins the records of a file of holds, keyLine any key of it; mentionsKept finds records in a file of another form.
var (
	mentionsKept = regexp.MustCompile(`(?m)^[^#\n]*kept["']?\s*:`)

	keptKey = regexp.MustCompile(`^["']?kept["']?\s*:`)
	keyLine = regexp.MustCompile(`^["']?[A-Za-z_]+["']?\s*:`)
)

// salvageKept returns the records of what is kept in a file of holds that is not understood as a whole, such as by a conflict of a merge
// in its holds; lost reports whether it has others.
func salvageKept(data []byte) (readable []Kept, lost bool) {
	block := keptBlock(string(data))
	if block == "" {
		return nil, mentionsKept.Match(data)
	}
	var file struct {
		Kept []yaml.Node `yaml:"kept"`
	}
	loader, err := yaml.NewLoader(strings.NewReader(block), yaml.WithV4Defaults())
	if err != nil || loader.Load(&file) != nil {
		return nil, true
	}
	lost = !errors.Is(loader.Load(new(yaml.Node)), io.EOF) // records of another document
	for _, n := range file.Kept {
		var k Kept
		if err := n.Decode(&k); err != nil || k.check() != nil {
			lost = true
			continue
		}
		readable = append(readable, k)
	}
	return readable, lost || len(file.Kept) == 0
}

// keptBlock is the part of a file of holds that has the records, "" where it has none.
func keptBlock(text string) string {
	var block strings.Builder
	within := false
	for line := range strings.Lines(text) {
		switch {
		case keptKey.MatchString(line):
			within = true
		case keyLine.MatchString(line):
			within = false
		}
		if within {
			block.WriteString(line)
		}
	}
	return block.String()
}

// RequireKept refuses to replace a file of holds that has unreadable records. place is the file's place, for the message.
func (b *Book) RequireKept(place string) error {
	if !b.lostKept {
		return nil
	}
	return problem.New(problem.Refused,
		"repair what stands below `kept:`, which tells older builds from newer ones, or take it out of the file; then lift the hold",
		"refusing to write %s anew: records of what is kept would be lost, as they cannot be read", place)
}
