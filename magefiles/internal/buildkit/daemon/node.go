package daemon

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/atomicfile"
)

// nodeID returns this machine's random id, and makes it on first use. Host names do not do: runners share them.
func nodeID(cacheDir string) (string, error) {
	path := filepath.Join(cacheDir, "node-id")
	data, err := os.ReadFile(path)
	if id := strings.TrimSpace(string(data)); err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading this machine's id: %w", err)
	}
	id := rand.Text()
	if err := os.MkdirAll(cacheDir, 0o755); err != nil {
		return "", fmt.Errorf("creating cache directory: %w", err)
	}
	if err := atomicfile.WriteData(path, atomicfile.Options{Mode: 0o644}, []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("writing this machine's id: %w", err)
	}
	return id, nil
}
