// Package bounded reads what others have written only as far as it may be long.
package bounded

import (
	"fmt"
	"io"
	"os"
)

// ReadAll returns all of a reader, and fails where that is more than limit bytes.
func ReadAll(r io.Reader, limit int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, fmt.Errorf("more than %d bytes are too many", limit)
	}
	return data, nil
}

// ReadFile returns the content of a file, as ReadAll does.
func ReadFile(name string, limit int) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadAll(file, limit)
}
