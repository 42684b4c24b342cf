package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"posagent/internal/localapi/client"
)

func saleReceipt(p *program) *cobra.Command {
	var r client.ReceiptOf
	c := &cobra.Command{
		Use:   "receipt SALE",
		Short: "Print the receipt of a sale or of a refund, as plain text or PDF",
		Example: `  posagent sale receipt R-1001 > /dev/usb/lp0
  posagent sale receipt R-1001 --pdf --copy > R-1001.pdf`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f, ok := p.out.(*os.File); ok && r.PDF && term.IsTerminal(int(f.Fd())) {
				return withExit(exitUsage, errors.New("a PDF is nothing for a terminal; send it into a file: > receipt.pdf"))
			}
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			r.SaleID = args[0]
			body, err := daemon.Receipt(cmd.Context(), r)
			if err != nil {
				return apiError(err)
			}
			if p.json && !r.PDF {
				return p.print(map[string]string{"saleId": r.SaleID, "text": string(body)}, func(io.Writer) {})
			}
			_, err = p.out.Write(body)
			return err
		},
	}
	c.Flags().StringVar(&r.RefundID, "refund-id", "", "of this refund, and not of the sale")
	c.Flags().BoolVar(&r.PDF, "pdf", false, "as PDF, and not as plain text")
	c.Flags().IntVar(&r.Width, "width", 0, "characters in a line, 24 to 80 (default: as configured)")
	c.Flags().BoolVar(&r.Copy, "copy", false, "mark it as a copy: it was printed before")
	return c
}
