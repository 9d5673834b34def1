"""Le codage humain : base, actes et journal, accès, application, échanges."""
