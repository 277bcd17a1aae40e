package source

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Names of what targets write below the application root, and what they mark it by.
const (
	OutputDir        = "dist"         // shared with the application's own build, whose files there count as any other
	IgnoreEverything = "*\n"          // content of a .gitignore that covers itself, too
	mark             = `"astrago-ci/` // begins the name of a schema, as in "astrago-ci/report/v1"
	markWithin       = 1024           // bytes
)

// Outputs are the paths in dist/ that targets have written, slash-separated and relative to root: no image's input, and in no
// build context. A page or a JSON file is ours when its first KiB quotes the name of one of our schemas: the application
// may have a dist/status.html of its own.
func Outputs(root string) []string {
	outputs := []string{OutputDir + "/images", OutputDir + "/logs"}
	dir := filepath.Join(root, OutputDir)
	if data, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err == nil && string(data) == IgnoreEverything {
		outputs = append(outputs, OutputDir+"/.gitignore")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return outputs // there is none
	}
	for _, entry := range entries {
		ext := path.Ext(entry.Name())
		if entry.Type().IsRegular() && (ext == ".json" || ext == ".html") && marked(filepath.Join(dir, entry.Name())) {
			outputs = append(outputs, OutputDir+"/"+entry.Name())
		}
	}
	return outputs
}

func marked(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, markWithin))
	return err == nil && bytes.Contains(head, []byte(mark))
}

// isOutput tells a path that is one of outputs or below it; directories may end in /.
func isOutput(outputs []string, name string) bool {
	for _, output := range outputs {
		if rest, ok := strings.CutPrefix(name, output); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
