package toolchain

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Intact reports whether a program is in the cache as it was compiled, by the sum beside it. It is an error where another user
// could have put it there: what is run from the cache has all rights of this user.
func Intact(path string) (bool, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return false, requireOwn(filepath.Dir(path))
	}
	if err == nil {
		err = requireOwn(filepath.Dir(path), path)
	}
	if err != nil {
		return false, fmt.Errorf("checking %q: %w", path, err)
	}
	want, err := os.ReadFile(sumFile(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the sum of %q: %w", path, err)
	}
	got, err := sumOf(path)
	return got == strings.TrimSpace(string(want)), err
}

func sumFile(path string) string { return path + ".sum" }

// sumOf is a file's SHA-256 in hex.
func sumOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading %q: %w", path, err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("reading %q: %w", path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
