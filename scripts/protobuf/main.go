// Command protobuf writes, as JSON, what lib/protobuf has to know of the kinds of Kubernetes.
//
//	go run . table
package main

import (
	"encoding/json"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("give table")
	}
	var value any
	switch os.Args[1] {
	case "table":
		value = makeTable(bodyKinds())
	default:
		log.Fatalf("there is no %q: give table", os.Args[1])
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(value); err != nil {
		log.Fatal(err)
	}
}
